"""How fast messages are understood, the knowledge base loads, and how much memory a worker takes.

    python benchmarks/understanding.py [FILE.jsonl ...]

Without files the messages are every 20th example of the knowledge base. Prints figures, and ratios
against a plain search for the nearest example with rapidfuzz in the same run, as machines differ.
"""

import json
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rapidfuzz import fuzz, process

from bot.parts import assemble, understand_knowledge
from bot.predict import predict
from bot.settings import Settings
from bot.tickets.memory import MemoryStore
from bot.vault import Vault
from knowledge.load import load
from knowledge.meanings import Group, Meaning, examples
from knowledge.search import Index

SECTIONS = 10_000
"""Sections of the knowledge base blown up to see how the time grows."""
EXAMPLES = 4
"""Examples of each of them."""


def timed(call: Callable[[], object]) -> float:
    """Give the seconds that a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def blown_up(texts: list[str]) -> Index:
    """Learn a knowledge base of very many sections, their examples put together of real words."""
    chance = random.Random(0)
    words = [text.split() for text in texts]
    pairs = [
        (
            Meaning(Group.SECTION, f"section_{number}"),
            " ".join(word for _ in range(3) for word in chance.choice(words)[:5]),
        )
        for number in range(SECTIONS)
        for _ in range(EXAMPLES)
    ]
    return Index.of(pairs)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as cache:
        settings = Settings.read(
            {"PRIVACY_ASSISTANT_DATABASE": "memory:", "PRIVACY_ASSISTANT_CACHE": cache}
        )
        first = timed(lambda: understand_knowledge(settings, load()))
        later = timed(lambda: understand_knowledge(settings, load()))
        knowledge = load()
        assistant = assemble(
            settings, MemoryStore(Vault("k" * 32)), understand_knowledge(settings, knowledge)
        ).assistant
    texts = [
        json.loads(line)["text"]
        for name in sys.argv[1:]
        for line in Path(name).read_text(encoding="utf-8").splitlines()
    ] or [t for lang in knowledge.languages.values() for _, t in list(examples(lang))[::20]]
    bank = [text for _, text in examples(knowledge.languages["en"])]
    for text in texts[:50]:
        predict(assistant, None, text)
    took = sorted(1000 * timed(lambda t=text: predict(assistant, None, t)) for text in texts)
    plain = sorted(
        1000 * timed(lambda t=text: process.extractOne(t, bank, scorer=fuzz.token_set_ratio))
        for text in texts[::5]
    )
    middle, slow = statistics.median(took), took[int(len(took) * 0.99)]
    base, base_slow = statistics.median(plain), plain[int(len(plain) * 0.99)]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"messages               {len(texts)}")
    print(f"median                 {middle:.2f} ms   {middle / base:.2f} of a plain nearest search")
    print(
        f"99th percentile        {slow:.2f} ms   {slow / base_slow:.2f} of a plain nearest search"
    )
    print(f"first load (learning)  {first:.2f} s")
    print(f"later loads            {later:.2f} s   {later / first:.2f} of the first")
    print(f"memory at most         {memory:.0f} MB  (of the run that learnt)")
    large = blown_up(bank)
    in_english = [text for text in texts if assistant.understanding.languages.rank(text)[0] == "en"]
    for text in in_english[:50]:
        large.read(text)
    took = sorted(1000 * timed(lambda t=text: large.read(t)) for text in in_english)
    grown, grown_slow = statistics.median(took), took[int(len(took) * 0.99)]
    print(f"{SECTIONS} sections: median {grown:.2f} ms, {grown / middle:.1f} of the above")
    print(f"       99th percentile {grown_slow:.2f} ms, {grown_slow / slow:.1f} of the above")


if __name__ == "__main__":
    main()
