/** Who is asked, as messages name it. */
export interface Peer {
  /** "... answered 500" */
  name: string;
  /** "... is not JSON" */
  answer: string;
  /** "no answer ... within 60 s" */
  silence: string;
  /** What to check when nothing or something strange comes back. */
  address: string;
  /** What to do when it is too slow. */
  slow: string;
}

/** The API itself. */
export const API: Peer = {
  name: "the API",
  answer: "the answer",
  silence: "no answer",
  address: "base_url and path",
  slow: "ask for smaller pages or raise request_timeout",
};

/** Who gives the tokens of oauth2_client_credentials. */
export const TOKEN_SERVER: Peer = {
  name: "the token's server",
  answer: "the answer of the token's server",
  silence: "no answer of the token's server",
  address: "access_token_url",
  slow: "check access_token_url or raise request_timeout",
};
