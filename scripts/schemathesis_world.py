"""People and things for schemathesis to ask about, and its settings.

    python schemathesis_world.py ADDRESS TOKEN FOLDER

Makes them over REST at ADDRESS as the member of the staff whose access token TOKEN is, and writes
FOLDER/schemathesis.toml, which names them: ids made up at random would find nothing.
"""

import json
import sys
from pathlib import Path

import requests

# Ids in the examples of the document are below this.
PEOPLE = 10
MESSAGES = 24

# Paths that begin so, and the things their parameter names.
PARAMETERS = {
    r"^/api/messaging/conversations/\{id\}/": ("id", "conversations"),
    r"^/api/messaging/messages/\{id\}/": ("id", "messages"),
    r"^/api/(messaging/messages|messages)/user/\{id\}/": ("id", "users"),
    r"^/api/(messaging/)?users/\{id\}/": ("id", "users"),
    r"^/api/users/username/\{name\}/": ("name", "names"),
    r"^/api/public-profiles/\{name\}/": ("name", "names"),
    r"^/api/follow/[a-z-]+/\{id\}/$": ("id", "users"),
    r"^/api/follow/notifications/\{id\}/": ("id", "follows"),
    r"^/api/notifications/\{id\}/": ("id", "notifications"),
    r"^/api/docs/\{file\}$": ("file", "files"),
}

# The server takes more than the document says (numbers for texts, pages that are too large) and refuses
# what a schema cannot say (one of several names is required, a name is taken).
EXCLUDED_CHECKS = ["negative_data_rejection", "positive_data_acceptance"]


class Person:
    def __init__(self, address, token):
        self.address = address
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method, path, body=None):
        response = self.session.request(method, self.address + path, json=body, timeout=10)
        response.raise_for_status()
        return response.json() if response.content else None


def register(address, name):
    account = {"username": name, "password": "correct horse"}
    user = requests.post(f"{address}/api/users/", json=account, timeout=10).json()
    tokens = requests.post(f"{address}/api/auth/token/", json=account, timeout=10).json()
    return user["id"], Person(address, tokens["access"])


def make(address, token):
    """What there is, by the kind of thing."""
    caller = Person(address, token)
    me = caller.ask("GET", "/api/users/me/")["id"]
    names = [f"person{number}" for number in range(PEOPLE)]
    people = [register(address, name) for name in names]
    conversations, messages, follows = [], [], []
    for user, person in people[:3]:
        body = {"target_user_id": user}
        conversation = caller.ask("POST", "/api/messaging/conversations/", body)["id"]
        conversations.append(conversation)
        path = f"/api/messaging/conversations/{conversation}/messages/"
        for number in range(MESSAGES):
            author = person if number % 4 == 0 else caller
            message = author.ask("POST", path, {"content": f"message {number}"})["id"]
            path_of_reactions = f"/api/messaging/messages/{message}/reactions/"
            caller.ask("POST", path_of_reactions, {"reaction": "like"})
            messages.append(message)
        answer = person.ask("PUT", f"/api/follow/toggle/{me}/")
        follows.append(answer["follow_data"]["id"])
    for number in range(MESSAGES):
        caller.ask("POST", "/api/notifications/", {"message": f"note {number}"})
    return {
        "conversations": conversations,
        "messages": messages,
        "follows": follows,
        "users": [user for user, _ in people],
        "names": names,
        "notifications": [row["id"] for row in caller.ask("GET", "/api/notifications/")],
        "files": ["start.js", "swagger-ui.css"],
    }


def settings(token, things):
    """Valid TOML: strings and lists look in it as they do in JSON."""
    text = json.dumps
    lines = [
        "seed = 20261124",
        "request-timeout = 10",
        "continue-on-failure = true",
        f"headers = {{ Authorization = {text('Bearer ' + token)} }}",
        "[generation]",
        'database = "none"',
        "max-examples = 25",
        "[cache]",
        "enabled = false",
        "[phases]",
        "stateful.enabled = false",
        # An operation that finds nothing is not tested: PARAMETERS lacks its path.
        "[warnings]",
        'fail-on = ["missing_test_data", "unmatched_filter"]',
        'display = ["missing_test_data", "unmatched_filter"]',
        "[checks]",
        *(f"{name}.enabled = false" for name in EXCLUDED_CHECKS),
    ]
    for name, values in things.items():
        lines += [f"[dictionaries.{name}]", f"values = {text(values)}"]
    for pattern, (parameter, name) in PARAMETERS.items():
        binding = f"{{ dictionary = {text(name)}, probability = 0.7 }}"
        lines += [
            "[[operations]]",
            f"include-path-regex = {text(pattern)}",
            f"parameters = {{ {text('path.' + parameter)} = {binding} }}",
        ]
    return "\n".join(lines) + "\n"


def main():
    address, token, folder = sys.argv[1:]
    things = make(address, token)
    Path(folder, "schemathesis.toml").write_text(settings(token, things))


main()
