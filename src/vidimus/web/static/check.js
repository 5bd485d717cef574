// The form works without this file. With it: files can be dropped, chosen files are listed
// and can be taken away again, photos add up to pages, and waiting is told in words.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form.check");
  if (!form) return;
  document.documentElement.classList.add("scripted");
  const limit = Number(form.dataset.limit);
  const drop = form.querySelector(".drop");
  const input = document.getElementById("file");
  const photo = document.getElementById("photo");
  const chosen = document.getElementById("chosen");
  const button = document.getElementById("submit");
  const progress = document.getElementById("progress");
  const told = document.getElementById("told");
  let files = [];

  function size(bytes) {
    return bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} kB` : `${(bytes / 1048576).toFixed(1)} MB`;
  }

  function show() {
    const carrier = new DataTransfer();
    for (const file of files) carrier.items.add(file);
    input.files = carrier.files;
    chosen.replaceChildren(...files.map((file, index) => {
      const item = document.createElement("li");
      const name = document.createElement("span");
      name.dir = "auto";
      name.textContent = file.name;
      const note = document.createElement("span");
      note.className = "note";
      note.textContent = ` ${size(file.size)} `;
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "plain";
      remove.textContent = "Take away";
      remove.setAttribute("aria-label", `Take away ${file.name}`);
      remove.addEventListener("click", () => {
        files.splice(index, 1);
        show();
        input.focus();
      });
      item.append(name, note, remove);
      return item;
    }));
    const total = files.reduce((sum, file) => sum + file.size, 0);
    input.setCustomValidity(total > limit ? `These files have ${size(total)}; up to ${size(limit)} are read.` : "");
  }

  function add(list) {
    files = files.concat(Array.from(list));
    show();
  }

  input.addEventListener("change", () => {
    files = Array.from(input.files);
    show();
  });
  photo.addEventListener("change", () => {
    add(photo.files);
    photo.value = "";
  });

  let inside = 0;
  drop.addEventListener("dragenter", () => { inside += 1; drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => { inside -= 1; if (inside <= 0) drop.classList.remove("over"); });
  // A file that is let go beside the field must not replace the page.
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    inside = 0;
    drop.classList.remove("over");
    if (event.dataTransfer && event.dataTransfer.files.length) add(event.dataTransfer.files);
  });

  let clock = 0;
  form.addEventListener("submit", () => {
    const words = files.length ? "Reading your copy. A photo takes some seconds a page." : "Comparing the words.";
    // Only after the browser has taken the form's fields.
    setTimeout(() => { button.disabled = true; }, 0);
    progress.hidden = false;
    told.textContent = words;
    const began = Date.now();
    clock = setInterval(() => {
      const seconds = Math.round((Date.now() - began) / 1000);
      told.textContent = `Still at work, ${seconds} seconds so far.`;
    }, 10000);
  });
  window.addEventListener("pageshow", () => {
    clearInterval(clock);
    button.disabled = false;
    progress.hidden = true;
    told.textContent = "";
    if (input.files.length && !files.length) { files = Array.from(input.files); show(); }
  });
});
