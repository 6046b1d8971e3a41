"""The official `openai` package, Responses."""

import json

from openai import OpenAI

from driver import MOST_ROUNDS, PICTURE, REPORT_SCHEMA, WEATHER_SCHEMA, drive, weather_of

WEATHER = {"type": "function", "name": "weather", "parameters": WEATHER_SCHEMA, "strict": True}


def client_of(task):
    return OpenAI(base_url=task["origin"] + "/v1", api_key=task["key"], default_headers=task["headers"])


def gather(client, **request):
    with client.responses.stream(**request) as stream:
        for event in stream:
            # The helper passes a failed answer on like any other event.
            if event.type == "response.failed":
                raise RuntimeError(f"{event.response.error.code}: {event.response.error.message}")
        return stream.get_final_response()


def text(task):
    return {"text": client_of(task).responses.create(model=task["model"], input=task["prompt"]).output_text}


def stream(task):
    return {"text": gather(client_of(task), model=task["model"], input=task["prompt"]).output_text}


def image(task):
    content = [
        {"type": "input_text", "text": task["prompt"]},
        {"type": "input_image", "detail": "auto", "image_url": PICTURE},
    ]
    reply = gather(client_of(task), model=task["model"], input=[{"role": "user", "content": content}])
    return {"text": reply.output_text}


def schema(task):
    form = {"type": "json_schema", "name": "report", "strict": True, "schema": REPORT_SCHEMA}
    reply = client_of(task).responses.create(model=task["model"], input=task["prompt"], text={"format": form})
    return {"text": reply.output_text}


def tools(task):
    client, cities = client_of(task), []
    items = [{"role": "user", "content": task["prompt"]}]
    for _ in range(MOST_ROUNDS):
        reply = gather(client, model=task["model"], input=items, tools=[WEATHER], store=False)
        calls = [item for item in reply.output if item.type == "function_call"]
        if not calls:
            return {"text": reply.output_text, "cities": cities}
        items += [item.model_dump(exclude_none=True, exclude={"parsed_arguments"}) for item in reply.output]
        for call in calls:
            city = json.loads(call.arguments)["city"]
            cities.append(city)
            items.append({"type": "function_call_output", "call_id": call.call_id, "output": weather_of(city)})
    raise RuntimeError("the model never came to an end")


drive({f.__name__: f for f in (text, stream, image, schema, tools)})
