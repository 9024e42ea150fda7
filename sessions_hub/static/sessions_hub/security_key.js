// Lets a form be answered with a security key or passkey (WebAuthn). Without this file, or
// where a browser knows no keys, the form says so and takes everything else.
(() => {
  "use strict";

  const button = document.querySelector("[data-sessions-hub-key]");
  if (!button || !window.PublicKeyCredential) return;

  const form = button.form;
  const part = (name) => document.querySelector(`[data-sessions-hub-key-${name}]`);

  const toBytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const toText = (buffer) =>
    btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");

  // The challenge is made when it is asked for, so that opening the page changes nothing.
  const ask = async () => {
    const body = new URLSearchParams({ begin: "key" });
    for (const name of ["csrfmiddlewaretoken", "challenge", "level"]) {
      body.set(name, form.elements.namedItem(name)?.value ?? "");
    }
    // Beside a password a key need not ask for a PIN or finger. The password itself stays here.
    if (form.elements.namedItem("password")?.value) body.set("with_password", "1");
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      redirect: "error",
      body,
    });
    if (!answer.ok) throw new Error(`The site answered ${answer.status}.`);
    const { publicKey } = await answer.json();
    publicKey.challenge = toBytes(publicKey.challenge);
    for (const one of publicKey.allowCredentials) one.id = toBytes(one.id);
    return navigator.credentials.get({ publicKey });
  };

  const told = ({ id, rawId, type, response, authenticatorAttachment }) => ({
    id,
    rawId: toText(rawId),
    type,
    authenticatorAttachment,
    clientExtensionResults: {},
    response: {
      authenticatorData: toText(response.authenticatorData),
      clientDataJSON: toText(response.clientDataJSON),
      signature: toText(response.signature),
      userHandle: response.userHandle ? toText(response.userHandle) : null,
    },
  });

  button.addEventListener("click", async () => {
    if (!form.reportValidity()) return;
    button.disabled = true;
    part("failed").hidden = true;
    try {
      const credential = await ask();
      form.elements.namedItem("credential").value = JSON.stringify(told(credential));
      form.submit();
    } catch {
      // Cancelled, timed out, or out of date: the user may try again.
      part("failed").hidden = false;
      button.disabled = false;
    }
  });

  // Back from another page a form is as it was left.
  window.addEventListener("pageshow", () => {
    form.elements.namedItem("credential").value = "";
    button.disabled = false;
  });
  part("missing").hidden = true;
  button.hidden = false;
})();
