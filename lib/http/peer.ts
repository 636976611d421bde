/** Server that a request goes to, in the words of messages. */
export interface Peer {
  /** Subject of "... returned 500". */
  name: string;
  /** Subject of "... is not JSON". */
  response: string;
  /** Beginning of "no response ... within 60 s". */
  no_response: string;
  /** Config keys to check when the server cannot be reached or returns something unexpected. */
  address: string;
  /** Next step when the server is too slow. */
  when_slow: string;
}

/** The API itself. */
export const API: Peer = {
  name: "the API",
  response: "the response",
  no_response: "no response",
  address: "base_url and path",
  when_slow: "request smaller pages or raise request_timeout",
};

/** The server that issues the tokens of OAuth 2.0. */
export const TOKEN_SERVER: Peer = {
  name: "the token server",
  response: "the response of the token server",
  no_response: "no response from the token server",
  address: "access_token_url",
  when_slow: "check access_token_url or raise request_timeout",
};

/** The login of `session_token`. */
export const LOGIN: Peer = {
  name: "the login",
  response: "the response of the login",
  no_response: "no response from the login",
  address: "login_url and the token's place (token_path, token_header, token_cookie)",
  when_slow: "check login_url or raise request_timeout",
};
