"""What every driver in Python does: a task a line on stdin, {"said": ...} a line on stdout."""

import json
import sys

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PICTURE = f"data:image/png;base64,{PIXEL}"

WEATHER_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}

REPORT_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "degrees": {"type": "number"}},
    "required": ["city", "degrees"],
    "additionalProperties": False,
}

# More rounds than any scenario has: a loop that goes on is the client's failure.
MOST_ROUNDS = 4


def weather_of(city):
    return f"18 degrees in {city}"


def drive(asks):
    """Calls asks[task["ask"]](task) for every line; what it raises is the failure that the client shows."""
    # Clients print to stdout as they like: answers have a line of their own.
    for line in sys.stdin:
        task = json.loads(line)
        try:
            said = asks[task["ask"]](task)
        except Exception as error:
            said = {"error": f"{type(error).__name__} {getattr(error, 'status_code', '')} {error}"}
        sys.stdout.write("\n" + '{"said":' + json.dumps(said) + "}\n")
        sys.stdout.flush()
