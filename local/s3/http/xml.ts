/** Text as XML content. Control characters go as references: a parser would otherwise change or refuse them. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"'\p{Cc}]/gu, (character) => `&#x${character.codePointAt(0)?.toString(16)};`);
}

/** One element with escaped text. */
export function element(name: string, text: string | number | boolean): string {
  return `<${name}>${escapeXml(String(text))}</${name}>`;
}

/** A whole XML document in S3's namespace; `content` is XML already. */
export function xmlDocument(name: string, content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</${name}>`;
}

/** S3's error document, which has no namespace. */
export function errorDocument(error: { code: string; message: string }, resource: string, requestId: string): string {
  const content =
    element("Code", error.code) +
    element("Message", error.message) +
    element("Resource", resource) +
    element("RequestId", requestId);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${content}</Error>`;
}
