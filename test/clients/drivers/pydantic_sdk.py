"""pydantic-ai, with the model class that the argument names."""

import asyncio
import sys

from pydantic import BaseModel
from pydantic_ai import Agent, BinaryContent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.output import NativeOutput
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider

import base64

from driver import PIXEL, drive, weather_of

DIALECT = sys.argv[1]
CLASSES = {"chat": OpenAIChatModel, "responses": OpenAIResponsesModel, "messages": AnthropicModel}


class Report(BaseModel):
    city: str
    degrees: int


def model_of(task):
    if DIALECT == "messages":
        provider = AnthropicProvider(base_url=task["origin"], api_key=task["key"])
    else:
        provider = OpenAIProvider(base_url=task["origin"] + "/v1", api_key=task["key"])
    return CLASSES[DIALECT](task["model"], provider=provider)


def agent_of(task, **more):
    return Agent(model_of(task), model_settings={"extra_headers": task["headers"], "max_tokens": 512}, **more)


async def gather(agent, prompt):
    async with agent.run_stream(prompt) as result:
        return await result.get_output()


def text(task):
    return {"text": agent_of(task).run_sync(task["prompt"]).output}


def stream(task):
    return {"text": asyncio.run(gather(agent_of(task), task["prompt"]))}


def image(task):
    picture = BinaryContent(data=base64.b64decode(PIXEL), media_type="image/png")
    return {"text": asyncio.run(gather(agent_of(task), [task["prompt"], picture]))}


def schema(task):
    report = agent_of(task, output_type=NativeOutput(Report)).run_sync(task["prompt"]).output
    return {"text": report.model_dump_json()}


def tools(task):
    cities, agent = [], agent_of(task)

    @agent.tool_plain
    def weather(city: str) -> str:
        """The weather of a city"""
        cities.append(city)
        return weather_of(city)

    return {"text": agent.run_sync(task["prompt"]).output, "cities": cities}


drive({f.__name__: f for f in (text, stream, image, schema, tools)})
