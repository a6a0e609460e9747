// Two pictures of coverage on one map, parted by a line that a person moves.
(function () {
  "use strict";

  var civicsight = window.civicsight;

  civicsight.swipe = function (map, left, right, labels) {
    var line = L.DomUtil.create("div", "civicsight-line", map.getContainer());
    var slider = L.DomUtil.create("input", "civicsight-swipe", map.getContainer());
    slider.type = "range";
    slider.min = 0;
    slider.max = 100;
    slider.value = 50;
    slider.setAttribute("aria-label", labels.slider);
    ["left", "right"].forEach(function (side) {
      L.DomUtil.create("span", "civicsight-side " + side, map.getContainer()).textContent = labels[side];
    });
    L.DomEvent.disableClickPropagation(slider);

    function clip() {
      var size = map.getSize(), at = size.x * slider.value / 100;
      var top = map.containerPointToLayerPoint([0, 0]), end = map.containerPointToLayerPoint(size);
      var middle = top.x + at;
      line.style.left = at + "px";
      cut(left, top.y, middle, end.y, top.x);
      cut(right, top.y, end.x, end.y, middle);
    }

    function cut(layer, top, east, south, west) {
      var box = layer.getContainer();
      if (box) {
        box.style.clip = "rect(" + [top, east, south, west].map(function (n) { return n + "px"; }).join(",") + ")";
      }
    }

    slider.addEventListener("input", clip);
    slider.addEventListener("keydown", function (event) { event.stopPropagation(); });
    map.on("move zoomend resize layeradd", clip);
    clip();
  };
})();
