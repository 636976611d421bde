/** Escapes text as XML content. Control characters become references, because a parser would change or reject them. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"'\p{Cc}]/gu, (character) => `&#x${character.codePointAt(0)?.toString(16)};`);
}

/** Returns an element with escaped text. */
export function element(name: string, text: string | number | boolean): string {
  return `<${name}>${escapeXml(String(text))}</${name}>`;
}

/** Returns an XML document in S3's namespace. `content` is XML. */
export function xmlDocument(name: string, content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${name}>`;
}

/** Returns S3's error document, which has no namespace. */
export function errorDocument(error: { code: string; message: string }, resource: string, requestId: string): string {
  const content =
    element("Code", error.code) +
    element("Message", error.message) +
    element("Resource", resource) +
    element("RequestId", requestId);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${content}</Error>`;
}
