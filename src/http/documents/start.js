// Shows the document beside this page.
SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: "../openapi.json",
  deepLinking: true,
  // Nothing is asked of another host.
  validatorUrl: null,
});
