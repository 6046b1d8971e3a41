"""LiveKit's Python agents: the LLM of the OpenAI plugin."""

import asyncio
import json
import logging

from livekit.agents import llm
from livekit.plugins import openai

from driver import MOST_ROUNDS, drive, weather_of

logging.disable(logging.CRITICAL)


@llm.function_tool
async def weather(city: str) -> str:
    """The weather of a city"""
    return weather_of(city)


def model_of(task):
    return openai.LLM(
        model=task["model"], base_url=task["origin"] + "/v1", api_key=task["key"], extra_headers=task["headers"]
    )


def context_of(prompt):
    context = llm.ChatContext.empty()
    context.add_message(role="user", content=prompt)
    return context


async def turn(model, context, tools=None):
    text, calls = "", []
    async with model.chat(chat_ctx=context, tools=tools or []) as stream:
        async for chunk in stream:
            if chunk.delta:
                text += chunk.delta.content or ""
                calls += chunk.delta.tool_calls
    return text, calls


def stream(task):
    text, _ = asyncio.run(turn(model_of(task), context_of(task["prompt"])))
    return {"text": text}


async def loop(task):
    model, context, cities = model_of(task), context_of(task["prompt"]), []
    for at in range(MOST_ROUNDS):
        text, calls = await turn(model, context, [weather])
        if not calls:
            return {"text": text, "cities": cities}
        # As an agent's session does: one answer's calls stay together, their results behind them.
        context.items += [
            llm.FunctionCall(call_id=call.call_id, name=call.name, arguments=call.arguments, group_id=f"round-{at}")
            for call in calls
        ]
        for call in calls:
            city = json.loads(call.arguments)["city"]
            cities.append(city)
            context.items.append(
                llm.FunctionCallOutput(call_id=call.call_id, name=call.name, output=weather_of(city), is_error=False)
            )
    raise RuntimeError("the model never came to an end")


def tools(task):
    return asyncio.run(loop(task))


drive({f.__name__: f for f in (stream, tools)})
