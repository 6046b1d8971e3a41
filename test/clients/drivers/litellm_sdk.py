"""litellm. The arguments: the provider prefix, and what stands behind the router's address."""

import json
import sys

import litellm

from driver import MOST_ROUNDS, PICTURE, REPORT_SCHEMA, WEATHER_SCHEMA, drive, weather_of

PREFIX, TAIL = sys.argv[1].split(",")
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": WEATHER_SCHEMA}}


def call(task, messages, **more):
    model = task["model"]
    # The prefix names the dialect; a model of that very vendor is called by its bare name, as litellm's users do.
    bare = model.removeprefix("anthropic/") if PREFIX == "anthropic" else model
    return litellm.completion(
        model=f"{PREFIX}/{bare}",
        api_base=task["origin"] + TAIL,
        api_key=task["key"],
        messages=messages,
        extra_headers=task["headers"] or None,
        **more,
    )


def user(content):
    return [{"role": "user", "content": content}]


def gather(task, messages, **more):
    chunks = list(call(task, messages, stream=True, **more))
    return litellm.stream_chunk_builder(chunks, messages=messages).choices[0].message


def text(task):
    return {"text": call(task, user(task["prompt"])).choices[0].message.content}


def stream(task):
    message = gather(task, user(task["prompt"]))
    return {"text": message.content, "thinking": getattr(message, "reasoning_content", None) or ""}


def image(task):
    content = [{"type": "text", "text": task["prompt"]}, {"type": "image_url", "image_url": {"url": PICTURE}}]
    return {"text": gather(task, user(content)).content}


def schema(task):
    form = {"type": "json_schema", "json_schema": {"name": "report", "strict": True, "schema": REPORT_SCHEMA}}
    return {"text": call(task, user(task["prompt"]), response_format=form).choices[0].message.content}


def embeddings(task):
    reply = litellm.embedding(
        model=f"openai/{task['model']}", api_base=task["origin"] + TAIL, api_key=task["key"], input=[task["prompt"]]
    )
    return {"vectors": [len(row["embedding"]) for row in reply.data]}


def tools(task):
    cities, messages = [], user(task["prompt"])
    for _ in range(MOST_ROUNDS):
        message = gather(task, messages, tools=[WEATHER])
        if not message.tool_calls:
            return {"text": message.content, "cities": cities}
        messages.append(message.model_dump(exclude_none=True))
        for made in message.tool_calls:
            city = json.loads(made.function.arguments)["city"]
            cities.append(city)
            messages.append({"role": "tool", "tool_call_id": made.id, "content": weather_of(city)})
    raise RuntimeError("the model never came to an end")


drive({f.__name__: f for f in (text, stream, image, schema, embeddings, tools)})
