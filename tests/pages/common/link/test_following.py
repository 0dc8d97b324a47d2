"""The step goes along from page to page through the menu, and what was typed is there again."""

SHORT = {"steps": "50", "arch": "3", "samples": "40"}


def by_menu(session, page):
    """To a page by a link of the menu, which carries nothing that stands in the address alone."""
    for key in ("at", "cover", "typed"):
        session.query_params.pop(key, None)
    return session.switch_page(f"pages/{page}.py").run()


def test_the_step_of_the_player_goes_along(app):
    session = app(SHORT | {"at": "20", "cover": "1"}, "train")
    assert by_menu(session, "layers").query_params["at"] == "20"
    assert session.query_params["cover"] == "1"
    assert by_menu(session, "backprop").number_input(key="step").value == 20
    assert "at" not in session.query_params  # whose player has the stages of one step
    session.number_input(key="step").set_value(7).run()
    assert by_menu(session, "loss_surface").query_params["at"] == "7"


def test_what_was_typed_is_there_again(app):
    session = app(SHORT | {"typed": "0.W1.0.1:0.5"}, "backprop")
    assert "typed" not in by_menu(session, "train").query_params
    assert by_menu(session, "backprop").query_params["typed"] == "0.W1.0.1:0.5"


def test_nothing_follows_into_a_lesson(app, by_card):
    session = app(SHORT | {"typed": "0.W1.0.1:0.5", "at": "3"}, "backprop")
    by_menu(session, "lessons")
    by_card(session, "worked-example")
    assert session.query_params["lesson"] == "worked-example"
    assert "typed" not in session.query_params
