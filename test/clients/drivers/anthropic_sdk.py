"""The official `anthropic` package, Messages."""

from anthropic import Anthropic

from driver import MOST_ROUNDS, PIXEL, REPORT_SCHEMA, WEATHER_SCHEMA, drive, weather_of


def client_of(task):
    return Anthropic(base_url=task["origin"], api_key=task["key"], default_headers=task["headers"])


def user(content):
    return [{"role": "user", "content": content}]


def said_in(reply):
    joined = lambda kind: "".join(getattr(block, kind) for block in reply.content if block.type == kind)
    return {"text": joined("text"), "thinking": joined("thinking")}


def gather(client, **request):
    with client.messages.stream(max_tokens=512, **request) as stream:
        return stream.get_final_message()


def text(task):
    messages = user(task["prompt"])
    return said_in(client_of(task).messages.create(max_tokens=512, model=task["model"], messages=messages))


def stream(task):
    return said_in(gather(client_of(task), model=task["model"], messages=user(task["prompt"])))


def image(task):
    source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
    content = [{"type": "image", "source": source}, {"type": "text", "text": task["prompt"]}]
    return said_in(gather(client_of(task), model=task["model"], messages=user(content)))


def schema(task):
    config = {"format": {"type": "json_schema", "schema": REPORT_SCHEMA}}
    return said_in(gather(client_of(task), model=task["model"], messages=user(task["prompt"]), output_config=config))


def tools(task):
    client, cities, messages = client_of(task), [], user(task["prompt"])
    weather = {"name": "weather", "input_schema": WEATHER_SCHEMA}
    for _ in range(MOST_ROUNDS):
        reply = gather(client, model=task["model"], messages=messages, tools=[weather])
        calls = [block for block in reply.content if block.type == "tool_use"]
        if not calls:
            return {**said_in(reply), "cities": cities}
        cities += [call.input["city"] for call in calls]
        results = [
            {"type": "tool_result", "tool_use_id": call.id, "content": weather_of(call.input["city"])} for call in calls
        ]
        messages += [{"role": "assistant", "content": reply.content}, *user(results)]
    raise RuntimeError("the model never came to an end")


drive({f.__name__: f for f in (text, stream, image, schema, tools)})
