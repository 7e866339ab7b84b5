// The header `Marathon-Warnings`: what the server took and ignored, a list of quoted strings (RFC 8941).

/** One text per warning; what does not follow the syntax is left out. */
export const warningsIn = (headers: Headers): readonly string[] =>
  [...(headers.get('Marathon-Warnings') ?? '').matchAll(/"((?:[^"\\]|\\["\\])*)"/g)].map((match) =>
    match[1]!.replace(/\\(["\\])/g, '$1'),
  )
