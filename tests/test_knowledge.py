"""The knowledge base: complete in four languages, and every slip of an editor told in its place."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.load import KnowledgeError, load
from knowledge.model import Knowledge, Role, reflow

POLICY = {
    "1": ["identity", "commitment", "contents", "related_terms"],
    "2": ["applies_to", "legal_framework", "authority"],
    "3": ["personal_data", "data_sources", "controller", "customer_duties"],
    "4": [
        *["necessity", "legal_bases", "legitimate_interest", "service_requests"],
        *["customer_details", "service_delivery", "marketing", "performance"],
        *["legal_obligations", "statistics"],
    ],
}
"""Section number of the policy -> the ids of the evaluation's labels."""

LAW = {
    "law_access": "15",
    "law_rectification": "16",
    "law_erasure": "17",
    "law_restriction": "18",
    "law_portability": "20",
    "law_objection": "21",
    "law_consent": "7(3)",
    "law_complaint": "77",
    "law_deadline": "12(3)",
    "law_rights": "13-22",
}

REQUESTS = [
    *["access", "marketing_opt_out", "erasure", "rectification", "restriction", "portability"],
    *["objection", "consent_withdrawal", "complaint"],
]

SILENT = [
    *["retention", "cookies", "recipients", "transfers", "security", "dpo", "children"],
    *["automated_decisions", "breaches", "processing_agreements", "backups", "policy_changes"],
    *["call_recording", "employee_access", "payment_data"],
]

FACTS = {
    "identity": ["Schoolstraat 4A", "1.1", "2840 Rumst", "0730.671.009"],
    "legal_framework": ["2016/679", "1992", "2005", "2016"],
    "authority": ["https://www.dataprotectionauthority.be/citizen"],
}
"""Facts of the policy that look the same in every language."""

LANGUAGES = ["en", "fr", "nl", "ro"]
ORIGINAL = Path(__file__).resolve().parents[2] / "shared/policy/jetstax-privacy-policy-ro.txt"


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_section_is_there_under_its_number(code: str, knowledge: Knowledge) -> None:
    sections = knowledge.languages[code].sections
    for number, names in POLICY.items():
        for name in names:
            assert sections[name].number == number
            assert sections[name].role is Role.POLICY
    for name, article in LAW.items():
        assert sections[name].number == article
        assert sections[name].role is Role.LAW
    for name in SILENT:
        assert sections[f"silent_{name}"].role is Role.SILENT
    rest = {n for n in sections if not n.startswith("silent_")}
    assert rest == {name for names in POLICY.values() for name in names} | set(LAW)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_facts_of_the_policy_are_there(code: str, knowledge: Knowledge) -> None:
    for name, facts in FACTS.items():
        section = knowledge.languages[code].sections[name]
        for fact in facts:
            assert fact in f"{section.answer} {section.text}", (code, name)


@pytest.mark.parametrize("code", LANGUAGES)
def test_there_are_examples_enough(code: str, knowledge: Knowledge) -> None:
    language = knowledge.languages[code]
    for section in language.sections.values():
        assert len(section.examples) >= 12, (code, section.id)
    for name in REQUESTS:
        assert len(language.requests[name].examples) >= 12, (code, name)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_law_note_names_its_article(code: str, knowledge: Knowledge) -> None:
    for name, article in LAW.items():
        section = knowledge.languages[code].sections[name]
        first = re.split(r"\D", article)[0]
        assert re.search(rf"\b{first}\b", f"{section.answer} {section.text}"), (code, name)


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_sentence_of_the_policy_is_copied(code: str, knowledge: Knowledge) -> None:
    if not ORIGINAL.exists():
        pytest.skip("the original policy is not beside this checkout")
    words = re.findall(r"\w+", ORIGINAL.read_text(encoding="utf-8").lower())
    runs = {" ".join(words[i : i + 12]) for i in range(len(words) - 11)}
    for section in knowledge.languages[code].sections.values():
        own = re.findall(r"\w+", f"{section.answer} {section.text}".lower())
        copied = [r for i in range(len(own) - 11) if (r := " ".join(own[i : i + 12])) in runs]
        # the names of acts and documents and the address are facts
        facts = {"legal_framework", "identity", "related_terms"}
        assert section.id in facts or not copied, (section.id, copied)


def test_romanian_is_the_source_and_the_others_say_what_they_translate(
    knowledge: Knowledge,
) -> None:
    for code, language in knowledge.languages.items():
        for document in language.documents.values():
            if code == "ro":
                assert document.translation_of is None
            else:
                assert document.translation_of == "ro"
                assert document.translated_version == document.version


def test_request_types_name_their_articles(knowledge: Knowledge) -> None:
    articles = {name: knowledge.requests[name].article for name in REQUESTS}
    assert articles == {
        "access": "15",
        "marketing_opt_out": "21(2)",
        "erasure": "17",
        "rectification": "16",
        "restriction": "18",
        "portability": "20",
        "objection": "21(1)",
        "consent_withdrawal": "7(3)",
        "complaint": "77",
    }
    assert [n for n, facts in knowledge.requests.items() if facts.stop_at_once] == [
        "marketing_opt_out"
    ]
    assert not knowledge.requests["marketing_opt_out"].identity


Edit = Callable[[str], str]


def problems_after(folder: Path, file: str, edit: Edit) -> list[str]:
    """Edit a file of a copy, load it, and give what is said of it."""
    path = folder / file
    before = path.read_text(encoding="utf-8")
    after = edit(before)
    assert after != before
    path.write_text(after, encoding="utf-8")
    with pytest.raises(KnowledgeError) as raised:
        load(folder)
    return raised.value.problems


def once(old: str, new: str) -> Edit:
    """Make an edit that replaces one place."""
    return lambda text: text.replace(old, new, 1)


def without_table(name: str) -> Edit:
    """Make an edit that drops a table."""
    return lambda text: re.sub(rf"\[{name}\]\n(?:(?!\n\[).)*", "", text, flags=re.DOTALL)


SLIPS = [
    pytest.param(
        *("nl/policies/jetstax.toml", once("[marketing]\n", '[marketing]\ncolour = "red"\n')),
        "nl/policies/jetstax.toml: [marketing] colour: unknown key",
        id="unknown key",
    ),
    pytest.param(
        *("nl/policies/jetstax.toml", once("[marketing]\ntitle", "[marketing]\nheading")),
        "nl/policies/jetstax.toml: [marketing] title: is missing",
        id="missing key",
    ),
    pytest.param(
        *("fr/policies/jetstax.toml", without_table("marketing")),
        "fr/policies/jetstax.toml: [marketing]: table is missing (it is there in en, nl, ro)",
        id="section missing in one language",
    ),
    pytest.param(
        *("fr/requests.toml", without_table("access")),
        "fr/requests.toml: [access]: table is missing (it is there in en, nl, ro)",
        id="request type missing in one language",
    ),
    pytest.param(
        *("en/themes.toml", without_table(r"chitchat\.thanks")),
        "en/themes.toml: [chitchat.thanks]: table is missing (it is there in fr, nl, ro)",
        id="theme missing in one language",
    ),
    pytest.param(
        *("requests.toml", without_table("access")),
        "requests.toml: [access]: table is missing (it is there in en/requests.toml)",
        id="facts of a request type missing",
    ),
    pytest.param(
        *("ro/policies/jetstax.toml", once('related = ["', 'related = ["nowhere", "')),
        "ro/policies/jetstax.toml: [identity] related: there is no section 'nowhere'",
        id="unknown section",
    ),
    pytest.param(
        *("ro/policies/jetstax.toml", once('request = "complaint"', 'request = "refund"')),
        "ro/policies/jetstax.toml: [authority] request: there is no request type 'refund'",
        id="unknown request type",
    ),
    pytest.param(
        *("requests.toml", once('"data_sources"', '"nowhere"')),
        "requests.toml: [access] sections: there is no section 'nowhere'",
        id="unknown section of a request type",
    ),
    pytest.param(
        *("en/phrases.toml", lambda t: re.sub(r'filed = ".*"', 'filed = " "', t)),
        "en/phrases.toml: filed: is empty",
        id="empty text",
    ),
    pytest.param(
        *("en/phrases.toml", lambda t: re.sub(r'\nfiled = ".*"', "\nfiled = 5", t)),
        "en/phrases.toml: filed: must be text between quotation marks",
        id="wrong type",
    ),
    pytest.param(
        *("en/phrases.toml", lambda t: re.sub(r"\nfiled = .*", "", t)),
        "en/phrases.toml: filed: is missing",
        id="sentence missing",
    ),
    pytest.param(
        *("nl/phrases.toml", lambda t: re.sub(r'\nfiled = ".*"', '\nfiled = "Klaar."', t)),
        "nl/phrases.toml: filed: has no {value} where en/phrases.toml has {reference}",
        id="value missing from a sentence",
    ),
    pytest.param(
        *("nl/phrases.toml", lambda t: re.sub(r'\nfiled = ".*"', '\nfiled = "{reference"', t)),
        "nl/phrases.toml: filed: a brace { or } is not closed or opened",
        id="open brace",
    ),
    pytest.param(
        *("nl/words.toml", lambda t: re.sub(r"\nyes = \[.*?\]\n", '\nyes = "ja"\n', t, flags=re.S)),
        "nl/words.toml: yes: must be a list in [brackets]",
        id="text instead of a list",
    ),
    pytest.param(
        *("ro/policies/law.toml", once('role = "law"', 'role = "poem"')),
        "ro/policies/law.toml: [policy] role: input should be 'policy', 'law' or 'silent'",
        id="unknown role",
    ),
    pytest.param(
        *("nl/policies/law.toml", once("[policy]", "[document]")),
        "nl/policies/law.toml: [policy]: table is missing",
        id="no header",
    ),
    pytest.param(
        *("nl/policies/law.toml", once('translation_of = "ro"', 'translation_of = "fr"')),
        "nl/policies/law.toml: [policy] translation_of: 'fr' is not the source language",
        id="translation of a translation",
    ),
    pytest.param(
        *("ro/policies/jetstax.toml", once('version = "', 'version = "new of ')),
        "nl/policies/jetstax.toml: [policy] translated_version: translates version",
        id="translation of an older version",
    ),
    pytest.param(
        *("nl/policies/law.toml", once('translation_of = "ro"', 'role = "law"\ncompany = "X"')),
        "nl/policies/law.toml: [policy] translated_version: unknown key",
        id="half a translation",
    ),
    pytest.param(
        *("en/requests.toml", lambda t: re.sub(r"ask_details = .*\n", "", t)),
        "en/requests.toml: [rectification] ask_details: is missing",
        id="nothing to ask with",
    ),
]


@pytest.mark.parametrize(("file", "edit", "problem"), SLIPS)
def test_a_slip_is_told_with_its_place(
    file: str, edit: Edit, problem: str, data_folder: Path
) -> None:
    found = problems_after(data_folder, file, edit)
    assert any(line.startswith(problem) for line in found), found


def test_the_same_example_under_two_ids_is_told(data_folder: Path) -> None:
    line = "examples = [\n"
    double = '    "Twice the same message, please!",\n'
    path = data_folder / "en" / "requests.toml"
    path.write_text(path.read_text("utf-8").replace(line, line + double, 1), encoding="utf-8")
    found = problems_after(
        data_folder,
        "en/themes.toml",
        lambda t: t.replace(line, line + double.replace("Twice", "twice"), 1),
    )
    assert len(found) == 1
    assert "“twice the same message, please!” stands in en/requests.toml [access] too" in found[0]


def test_bad_toml_is_told_with_its_line(data_folder: Path) -> None:
    found = problems_after(data_folder, "nl/themes.toml", once("[", "[["))
    assert re.match(r"nl/themes.toml: .*line 1", found[0])


def test_every_problem_is_told_at_once(data_folder: Path) -> None:
    (data_folder / "nl" / "words.toml").unlink()
    (data_folder / "fr" / "words.toml").write_bytes(b"\xff\xfe")
    for path in (data_folder / "ro" / "policies").iterdir():
        path.unlink()
    found = problems_after(data_folder, "en/phrases.toml", lambda t: t + '\nextra = "x"\n')
    said = "\n".join(found)
    assert "nl/words.toml: file is missing" in said
    assert "fr/words.toml: not UTF-8 text" in said
    assert "ro/policies: no policy file" in said
    assert "en/phrases.toml: extra: unknown key" in said


def test_a_section_in_two_documents_is_told(data_folder: Path) -> None:
    for code in LANGUAGES:
        policies = data_folder / code / "policies"
        copy = (policies / "law.toml").read_text("utf-8")
        (policies / "more.toml").write_text(copy, encoding="utf-8")
    with pytest.raises(KnowledgeError, match=r"\[law_access\]: this id stands in .* too"):
        load(data_folder)


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_without_a_knowledge_base_is_told(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(KnowledgeError):
        load(tmp_path / name)


def test_a_new_language_needs_no_existing_file(data_folder: Path) -> None:
    new = data_folder / "xx"
    for path in (data_folder / "en").rglob("*.toml"):
        (new / path.relative_to(data_folder / "en")).parent.mkdir(parents=True, exist_ok=True)
        (new / path.relative_to(data_folder / "en")).write_bytes(path.read_bytes())
    assert set(load(data_folder).languages) == {*LANGUAGES, "xx"}


def test_an_editors_line_breaks_do_not_reach_people() -> None:
    text = "One sentence\nover two lines:\n\n- an item\n  of two lines\n- another"
    assert reflow(text) == "One sentence over two lines:\n\n- an item of two lines\n- another"


def test_the_data_files_are_toml_that_an_editor_reads(knowledge: Knowledge) -> None:
    for path in (Path(__file__).parents[1] / "knowledge" / "data").rglob("*.toml"):
        text = path.read_text(encoding="utf-8")
        tomllib.loads(text)
        assert "\t" not in text, path
    assert knowledge.company == "Jetstax"
