"""An error has five parts, and is caught by the clauses that existing programs have."""

from __future__ import annotations

import pickle

import pytest

import nest_lab as nest
from nest_lab import errors


def test_all_parts():
    assert errors.compose(
        where="Create()",
        what="iaf_psc_exp.tau_m must be above 0 ms",
        value="-1.0 ms",
        allowed="above 0 ms",
        todo="Give a positive time constant.",
    ) == (
        "Create(): iaf_psc_exp.tau_m must be above 0 ms. Value: -1.0 ms. Allowed: above 0 ms. "
        "Give a positive time constant."
    )


def test_parts_that_are_not_there_leave_no_trace():
    assert errors.compose(what="it is so") == "it is so."
    assert errors.compose(what="it is so", todo="Do that!") == "it is so. Do that!"


def test_of_a_long_number_the_beginning_is_shown():
    """Of nothing else: a path is of use as a whole."""
    text = errors.compose(what="it is too much", value=f"{'9' * 1000} neurons")
    assert text == "it is too much. Value: 9999… (1,000 characters) neurons."
    path = "/".join("abcdefgh" for _ in range(100))
    assert (
        errors.compose(what="there is no such file", value=path) == f"there is no such file. Value: {path}."
    )


def test_few_names_are_all_shown():
    text = errors.compose(what="no such key", value="'time'", wrong="time", candidates=["times", "senders"])
    assert text == "no such key. Value: 'time'. Allowed: 'senders', 'times'. Did you mean 'times'?"


def test_of_many_names_the_nearest_are_shown():
    names = [f"model_{i}" for i in range(50)] + ["iaf_psc_exp", "iaf_psc_alpha"]
    text = errors.compose(what="no such model", wrong="IAF_PSC_ALHPA", candidates=names, todo="Look.")
    assert text == (
        "no such model. Allowed: 'iaf_psc_alpha', 'iaf_psc_exp' or one of 50 others. "
        "Did you mean 'iaf_psc_alpha'? Look."
    )


def test_where_no_name_is_near_some_are_shown():
    names = [f"model_{i}" for i in range(50)]
    text = errors.compose(what="no such model", wrong="xyz", candidates=names)
    assert text == "no such model. Allowed: 'model_0', 'model_1', 'model_10' or one of 47 others."


def test_text_is_not_quoted_although_it_is_a_key_error():
    error = errors.UnknownName("there is no such key", where="get()")
    assert str(error) == "get(): there is no such key."
    assert isinstance(error, (KeyError, AttributeError, ValueError))


KINDS = {
    errors.UnknownModel: ["UnknownModelName", "UnknownComponent", "UnknownSynapseType"],
    errors.UnknownName: ["UnaccessedDictionaryEntry", "UndefinedName", "BadProperty"],
    errors.BadType: ["TypeMismatch", "BadProperty"],
    errors.BadValue: ["BadProperty", "BadParameter", "BadParameterValue", "DimensionMismatch", "UnknownNode"],
    errors.BadRule: ["BadProperty", "DimensionMismatch", "NotImplemented"],
    errors.BadDelay: ["BadDelay"],
    errors.CannotConnect: ["IllegalConnection", "UnknownReceptorType", "InexistentConnection"],
    errors.StaleCollection: ["UnknownNode"],
    errors.NumericalInstability: ["NumericalInstability"],
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_classes_of_the_reference_catch(kind):
    for name in ["KernelException", *KINDS[kind]]:
        assert issubclass(kind, getattr(nest.NESTErrors, name))
    assert issubclass(kind, nest.NESTError)
    assert nest.NESTErrors.KernelException is nest.NESTError


def test_every_class_of_the_reference_is_there():
    from nest_lab.testing import reference

    theirs = [name for name in dir(reference().NESTErrors) if not name.startswith("_")]
    assert set(theirs) <= set(dir(nest.NESTErrors))
    for name in theirs:
        assert issubclass(getattr(nest.NESTErrors, name), nest.NESTError)
    with pytest.raises(AttributeError, match="module 'NESTErrors' has no attribute 'NoSuchError'"):
        _ = nest.NESTErrors.NoSuchError


def test_python_classes_catch():
    assert issubclass(errors.OutOfMemory, MemoryError)
    assert issubclass(errors.WrongState, RuntimeError)
    assert issubclass(errors.ReadOnly, AttributeError)
    assert issubclass(errors.BadType, TypeError)
    assert issubclass(errors.BadIndex, IndexError)


def test_errors_can_be_sent_to_another_process():
    error = errors.BadValue("too large", where="f()", value="2", allowed="below 1", todo="Make it less.")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_the_outermost_function_is_named():
    with pytest.raises(nest.NESTError, match=r"^GetStatus\(\): "):
        nest.GetStatus(nest.Create("iaf_psc_alpha"), "V_mm")
    with pytest.raises(nest.NESTError, match=r"^random\.normal\(\): "):
        nest.random.normal(0.0, "wide")
