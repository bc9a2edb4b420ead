// The key in this page's own address (behind the #, which is never sent), or the one typed in.
import { Trouble, postJson } from "./api.js";
import { byId } from "./dom.js";

const form = byId("login");
const field = byId("key");

async function logIn(key) {
  byId("trouble").textContent = "";
  try {
    await postJson("/login", { key });
    location.replace("/");
  } catch (error) {
    byId("trouble").textContent = error instanceof Trouble ? error.whole : String(error);
    field.focus();
    field.select();
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  logIn(field.value);
});

const brought = location.hash.slice(1);
if (brought.startsWith("fh-")) {
  history.replaceState(null, "", location.pathname); // it is not to stay in the history
  field.value = brought;
  logIn(brought);
} else {
  field.focus();
}
