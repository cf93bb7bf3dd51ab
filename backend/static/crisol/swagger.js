// A login that is tried out authorises the page: its access token, wherever the dialect puts it, is taken over.
const page = document.getElementById("documentation");

const ui = SwaggerUIBundle({
  url: page.dataset.openapi,
  domNode: page,
  deepLinking: true,
  persistAuthorization: true,
  validatorUrl: null, // the maker's own server
  responseInterceptor(response) {
    const token = response.ok && accessToken(response.body);
    if (token) authorise(token);
    return response;
  },
});

function accessToken(body) {
  const places = [body?.access_token, body?.access, body?.tokens?.access, body?.data?.access];
  return places.find((found) => typeof found === "string");
}

function authorise(token) {
  const [[name, schema]] = ui.specSelectors.securityDefinitions().entries();
  ui.authActions.authorizeWithPersistOption({ [name]: { name, schema, value: token } });
}
