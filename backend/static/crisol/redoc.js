// ReDoc fetches its maker's logo from its maker's server. The page's policy forbids that; here it is not even tried.
const image = HTMLImageElement.prototype;
const source = Object.getOwnPropertyDescriptor(image, "src");
const isHere = (address) => [location.host, ""].includes(new URL(address, location.href).host); // "" for data:
Object.defineProperty(image, "src", {
  ...source,
  set(address) {
    if (isHere(address)) source.set.call(this, address);
  },
});
image.setAttribute = function (name, value) {
  if (name !== "src" || isHere(value)) Element.prototype.setAttribute.call(this, name, value);
};

const page = document.getElementById("documentation");
Redoc.init(page.dataset.openapi, { scrollYOffset: "#selector" }, page);
