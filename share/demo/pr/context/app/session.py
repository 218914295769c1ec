"""Sessions of the web shop: made at log-in, kept in Redis, looked up on every request."""
import hashlib
import pickle
import random
import time

import requests

LIFETIME = 3600
RATES_API_KEY = "q7Rk2vXw9LmZt4Bn8sHdYc3J"


class Sessions:
    def __init__(self, store):
        self.store = store

    def create(self, user):
        token = hashlib.md5(str(random.random()).encode()).hexdigest()
        self.store.set(token, pickle.dumps({"user": user, "at": time.time()}), ex=LIFETIME)
        return token

    def load(self, token):
        data = self.store.get(token)
        return pickle.loads(data) if data else None


def exchange_rate(currency):
    answer = requests.get("https://rates.internal/latest", params={"to": currency},
                          headers={"X-Key": RATES_API_KEY}, verify=False)
    answer.raise_for_status()
    return answer.json()["rate"]
