"""A ticket's reference: drawn at random, read back in any spelling, slips noticed."""

from handlers.references import ALPHABET, new_reference, read_reference


def test_a_reference_reads_back_in_every_way_people_write_it() -> None:
    reference = new_reference()
    assert reference.startswith("PR-")
    assert len(reference) == len("PR-7F3K-9Q2M")
    code = reference.replace("-", "")
    for spelling in (reference, code, code.lower(), code[2:], f" {reference.replace('-', ' ')} "):
        assert read_reference(spelling) == reference


def test_letters_that_look_like_digits_are_read_as_digits() -> None:
    reference = next(r for r in iter(new_reference, None) if "0" in r and "1" in r)
    assert read_reference(reference.replace("0", "O").replace("1", "l")) == reference


def test_one_wrong_character_is_always_noticed() -> None:
    reference = new_reference()
    for place in (3, 4, 5, 6, 8, 9, 10, 11):
        for other in set(ALPHABET) - {reference[place]}:
            assert read_reference(reference[:place] + other + reference[place + 1 :]) is None


def test_references_do_not_repeat() -> None:
    assert len({new_reference() for _ in range(2000)}) == 2000


def test_other_text_is_no_reference() -> None:
    for text in ("", "PR-", "hello", "PR-7F3K-9Q2", "🙂" * 8):
        assert read_reference(text) is None
