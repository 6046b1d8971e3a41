"""OpenHands: the LLM of its SDK. The argument is litellm's prefix."""

import sys

from openhands.sdk import LLM, ImageContent, Message, TextContent

from driver import PICTURE, drive

PREFIX = sys.argv[1]


def ask(task, content):
    model = task["model"]
    bare = model.removeprefix("anthropic/") if PREFIX == "anthropic" else model
    llm = LLM(
        usage_id="test",
        model=f"{PREFIX}/{bare}",
        base_url=task["origin"] + ("" if PREFIX == "anthropic" else "/v1"),
        api_key=task["key"],
        extra_headers=task["headers"] or None,
        # Its own five tries wait for minutes.
        num_retries=0,
    )
    reply = llm.completion(messages=[Message(role="user", content=content)])
    return {"text": "".join(part.text for part in reply.message.content if isinstance(part, TextContent))}


def text(task):
    return ask(task, [TextContent(text=task["prompt"])])


def image(task):
    return ask(task, [TextContent(text=task["prompt"]), ImageContent(image_urls=[PICTURE])])


# It asks for whole answers: what is a stream to others is the same call here.
drive({"text": text, "stream": text, "image": image})
