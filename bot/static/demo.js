// Forms with data-ask open the assistant on the page with their text. Where it is not there (yet),
// they stay what they are without JavaScript: forms that lead to the chat page.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("ask" in form.dataset) || !window.PrivacyAssistant) return;
  event.preventDefault();
  const pressed = event.submitter;
  const field = form.querySelector("input[name=text]");
  window.PrivacyAssistant.ask(pressed?.name === "text" ? pressed.value : field.value);
  if (field) field.value = "";
});

// the clipboard is there only over https and on the own machine
for (const button of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.nextElementSibling.textContent = button.dataset.copied;
  });
}
