"""What a person does in a browser, and what a person in charge wants to hear of it."""

from __future__ import annotations

from tests.factories import PASSWORD


def find(driver, selector: str):
    return driver.find_element("css selector", selector)


def find_all(driver, selector: str):
    return driver.find_elements("css selector", selector)


def wait(driver, condition) -> None:
    from selenium.common.exceptions import StaleElementReferenceException
    from selenium.webdriver.support.wait import WebDriverWait

    # Of the page before, while the next one comes.
    gone = [StaleElementReferenceException]
    WebDriverWait(driver, 20, ignored_exceptions=gone).until(condition)


def at(path: str):
    """A condition: the browser shows a page of this path."""
    return lambda driver: driver.current_url.partition("?")[0].endswith(path)


def shows(text: str):
    """A condition: the text can be read on the page."""
    return lambda driver: text in find(driver, "body").text


def sign_in(driver, site: str, name: str = "ada", to: str = "/account/sessions/") -> None:
    driver.get(f"{site}/accounts/login/?next={to}")
    find(driver, "[name=username]").send_keys(name)
    find(driver, "[name=password]").send_keys(PASSWORD)
    find(driver, "[type=submit]").click()
    wait(driver, at(to))


def named(driver, name: str, within: str = "main"):
    """The button or link with this accessible name, in whatever case its style writes it."""
    found = [
        one
        for one in find_all(driver, f"{within} button, {within} a, {within} [type=submit]")
        if one.accessible_name.casefold() == name.casefold()
    ]
    assert len(found) == 1, [one.accessible_name for one in found]
    return found[0]


def make_key(driver, site: str, name: str) -> str:
    """Make an API key on the pages; return its secret."""
    driver.get(f"{site}/account/api-keys/new/")
    find(driver, "[name=name]").send_keys(name)
    find(driver, "[name=scopes][value='sessions:read']").click()
    named(driver, "Make the key").click()
    wait(driver, lambda page: page.find_elements("id", "sessions-hub-secret"))
    return find(driver, "#sessions-hub-secret").text


def says(driver) -> str:
    return find(driver, "[role=status]").text


def press(driver, *keys: str) -> None:
    from selenium.webdriver import ActionChains

    ActionChains(driver).send_keys(*keys).perform()


def tab_to(driver, is_wanted, most: int = 80) -> list[str]:
    """Press Tab until the focus is where it is wanted; the names passed, each seen to be focused.

    Fails where the focus cannot be seen, or does not get there.
    """
    from selenium.webdriver import Keys

    passed = []
    for _step in range(most):
        press(driver, Keys.TAB)
        focused = driver.switch_to.active_element
        passed.append(focused.accessible_name)
        assert driver.execute_script(_SHOWS_FOCUS, focused), f"No sign of the focus: {passed[-3:]}"
        if is_wanted(focused):
            return passed
    raise AssertionError(f"Not reached: {passed}")


# An outline or a ring on the element itself, or a style other than without the focus.
_SHOWS_FOCUS = """
const element = arguments[0];
const look = () => {
  const style = getComputedStyle(element);
  return [style.outlineStyle, style.boxShadow, style.backgroundColor, style.color,
          style.borderColor, style.textDecorationLine].join();
};
const focused = look();
if (!focused.startsWith("none")) return true;
element.blur();
const without = look();
element.focus({focusVisible: true});
return focused !== without;
"""


def complaints(driver) -> list[str]:
    """What the console says that a person in charge would want to know."""
    return [
        entry["message"]
        for entry in driver.get_log("browser")
        if entry["level"] in {"SEVERE", "WARNING"}
    ]
