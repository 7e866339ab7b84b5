// Secrets on the wire: never themselves, always by a name.

/** A name the agents' secret resolver knows the secret by: never the secret. */
export interface WireSecret {
  readonly type: 'REFERENCE'
  readonly reference: { readonly name: string }
}

export const secretReference = (name: string): WireSecret => ({ type: 'REFERENCE', reference: { name } })
