// Copies the text of an element. Without this file, or where a page may not write to the
// clipboard, the text is there to be selected by hand.
(() => {
  "use strict";

  for (const button of document.querySelectorAll("[data-sessions-hub-copy]")) {
    const source = document.getElementById(button.dataset.sessionsHubCopy);
    const said = button.parentElement.querySelector("[data-sessions-hub-copied]");
    if (!source || !said) continue;

    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(source.textContent);
        said.textContent = said.dataset.sessionsHubCopied;
      } catch {
        // No permission, or no secure origin.
        getSelection().selectAllChildren(source);
        said.textContent = said.dataset.sessionsHubNotCopied;
      }
    });
    button.hidden = false;
  }
})();
