// The list of findings: filters, and the way from a row to its evidence on the map.
(function () {
  "use strict";

  var rows = Array.prototype.slice.call(document.querySelectorAll(".findings tbody tr"));
  var form = document.querySelector(".filters");
  var none = document.getElementById("none");
  var shown = document.getElementById("shown");

  function fits(row) {
    return Array.prototype.every.call(form.elements, function (field) {
      if (!field.name || !field.value) {
        return true;
      }
      if (field.name === "find") {
        return row.textContent.toLowerCase().indexOf(field.value.trim().toLowerCase()) >= 0;
      }
      return row.getAttribute("data-" + field.name) === field.value;
    });
  }

  function filter() {
    var count = 0;
    rows.forEach(function (row) {
      row.hidden = !fits(row);
      count += row.hidden ? 0 : 1;
    });
    none.hidden = count > 0 || rows.length === 0;
    shown.textContent = count === rows.length ? String(count) : count + " / " + rows.length;
  }

  function show(row) {
    rows.forEach(function (other) { other.classList.toggle("chosen", other === row); });
    window.civicsight.show(row.getAttribute("data-layer"), row.getAttribute("data-id"));
    var frame = document.getElementById("map").getBoundingClientRect();
    if (frame.top < 0 || frame.bottom > window.innerHeight + 40) {
      document.getElementById("map").scrollIntoView({ block: "nearest" });
    }
  }

  rows.forEach(function (row) {
    row.addEventListener("click", function () {
      if (!String(window.getSelection())) {
        show(row);
      }
    });
  });
  form.addEventListener("input", filter);
  document.getElementById("reset").addEventListener("click", function () {
    form.reset();
    filter();
  });
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  // Paper is narrower than a screen: the map is made smaller as it stands, not drawn anew.
  // Its legend would hide a third of it there, so that it comes below, whole.
  var PAPER = 680;
  var legend = document.querySelector(".civicsight-panel");
  var corner = legend.parentNode, open = legend.open;
  window.addEventListener("beforeprint", function () {
    open = legend.open;
    legend.open = true;
    document.getElementById("map").after(legend);
    var frame = document.getElementById("map"), size = frame.getBoundingClientRect();
    frame.style.width = size.width + "px";
    frame.style.height = size.height + "px";
    frame.style.zoom = Math.min(1, PAPER / size.width);
  });
  window.addEventListener("afterprint", function () {
    document.getElementById("map").removeAttribute("style");
    corner.prepend(legend);
    legend.open = open;
  });
  document.querySelector(".print").addEventListener("click", function () { window.print(); });
  filter();
})();
