// The page of data quality: one theme of the map at a time, and the way from a list to its cell.
(function () {
  "use strict";

  var choices = Array.prototype.slice.call(document.querySelectorAll("input[name=theme]"));
  var lists = Array.prototype.slice.call(document.querySelectorAll(".worst"));

  function choose() {
    choices.forEach(function (choice) {
      window.civicsight.turn("thin_" + choice.value, choice.checked);
    });
    lists.forEach(function (list) {
      var own = choices.some(function (choice) {
        return choice.checked && choice.value === list.getAttribute("data-theme");
      });
      list.hidden = !own;
    });
  }

  choices.forEach(function (choice) { choice.addEventListener("change", choose); });
  Array.prototype.forEach.call(document.querySelectorAll("button.show"), function (button) {
    button.addEventListener("click", function () {
      window.civicsight.show("thin_" + button.getAttribute("data-theme"), button.getAttribute("data-id"));
      document.getElementById("map").scrollIntoView({ block: "nearest" });
    });
  });
  document.querySelector(".print").addEventListener("click", function () { window.print(); });
  if (choices.length) {
    choose();
  }
})();
