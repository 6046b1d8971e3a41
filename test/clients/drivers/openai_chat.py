"""The official `openai` package, Chat Completions."""

import json

from openai import OpenAI

from driver import MOST_ROUNDS, PICTURE, REPORT_SCHEMA, WEATHER_SCHEMA, drive, weather_of

WEATHER = {"type": "function", "function": {"name": "weather", "parameters": WEATHER_SCHEMA}}


def client_of(task):
    return OpenAI(base_url=task["origin"] + "/v1", api_key=task["key"], default_headers=task["headers"])


def user(content):
    return [{"role": "user", "content": content}]


def text(task):
    reply = client_of(task).chat.completions.create(model=task["model"], messages=user(task["prompt"]))
    return {"text": reply.choices[0].message.content}


def gather(client, **request):
    """The helper, which is the stricter of the two ways to read a stream."""
    with client.chat.completions.stream(**request) as stream:
        for _ in stream:
            pass
        return stream.get_final_completion().choices[0].message


def stream(task):
    return {"text": gather(client_of(task), model=task["model"], messages=user(task["prompt"])).content}


def image(task):
    content = [{"type": "text", "text": task["prompt"]}, {"type": "image_url", "image_url": {"url": PICTURE}}]
    return {"text": gather(client_of(task), model=task["model"], messages=user(content)).content}


def schema(task):
    form = {"type": "json_schema", "json_schema": {"name": "report", "strict": True, "schema": REPORT_SCHEMA}}
    reply = client_of(task).chat.completions.create(
        model=task["model"], messages=user(task["prompt"]), response_format=form
    )
    return {"text": reply.choices[0].message.content}


def embeddings(task):
    reply = client_of(task).embeddings.create(model=task["model"], input=task["prompt"])
    return {"vectors": [len(row.embedding) for row in reply.data]}


def tools(task):
    client, cities, messages = client_of(task), [], user(task["prompt"])
    for _ in range(MOST_ROUNDS):
        message = gather(client, model=task["model"], messages=messages, tools=[WEATHER])
        if not message.tool_calls:
            return {"text": message.content, "cities": cities}
        messages.append(message.model_dump(exclude_none=True, exclude={"parsed"}))
        for call in message.tool_calls:
            city = json.loads(call.function.arguments)["city"]
            cities.append(city)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": weather_of(city)})
    raise RuntimeError("the model never came to an end")


drive({f.__name__: f for f in (text, stream, image, schema, embeddings, tools)})
