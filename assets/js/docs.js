// Starts the page that shows the API description. The bundle beside it is Swagger's own, untouched.

const globals = /** @type {{ SwaggerUIBundle?: (options: object) => unknown }} */ (/** @type {unknown} */ (window));

window.addEventListener('DOMContentLoaded', () => {
  const place = document.querySelector('#docs');
  if (!(place instanceof HTMLElement) || !globals.SwaggerUIBundle) return;
  globals.SwaggerUIBundle({ url: place.dataset.url, domNode: place, docExpansion: 'list', defaultModelsExpandDepth: 0, validatorUrl: null });
});
