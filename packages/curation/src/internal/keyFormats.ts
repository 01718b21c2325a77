/** Keys whose makers document their form, and that secretlint's rules leave out or take in part. One line each: kind, form, page. */

export interface Format {
  readonly kind: string
  readonly pattern: RegExp
}

const format = (kind: string, pattern: RegExp): Format => ({ kind, pattern })

export const keyFormats: ReadonlyArray<Format> = [
  // RFC 7468, of any length: secretlint asks for a long one
  format(
    "private-key",
    /-----BEGIN (?:[A-Z\d]+ )*PRIVATE KEY-----[\s\S]{0,20000}?-----END (?:[A-Z\d]+ )*PRIVATE KEY-----/g
  ),
  // docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html; the secret may end in a sign
  format("aws-key-id", /\b(?:AKIA|ASIA)[A-Z\d]{16}\b/g),
  format("aws-secret", /\baws_?secret_?access_?key["']?\s{0,3}[:=]\s{0,3}["']?[\w/+]{40}(?![\w/+])/gi),
  // huggingface.co/docs/hub/security-tokens
  format("huggingface-token", /\bhf_[A-Za-z\d]{34}(?![A-Za-z\d])/g),
  // docs.sendgrid.com/ui/account-and-settings/api-keys
  format("sendgrid-key", /\bSG\.[\w-]{22}\.[\w-]{43}(?![\w-])/g),
  // RFC 7519: header, claims and signature, each base64url; a header begins with {"
  format("jwt", /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}/g),
  // cloud.google.com/docs/authentication/api-keys
  format("google-api-key", /\bAIza[\w-]{35}(?![\w-])/g),
  // core.telegram.org/bots/api#authorizing-your-bot
  format("telegram-token", /\b\d{8,10}:AA[\w-]{33}(?![\w-])/g),
  // learn.microsoft.com/azure/storage/common/storage-configure-connection-string
  format("azure-storage-key", /\bAccountKey=[\w+/]{86}==/g),
  // twilio.com/docs/iam/api-keys
  format("twilio-key", /\bSK[0-9a-f]{32}\b/g),
  // documentation.mailgun.com
  format("mailgun-key", /\bkey-[0-9a-f]{32}\b/g),
  // docs.digitalocean.com/reference/api/create-personal-access-token
  format("digitalocean-token", /\bdo[opr]_v1_[0-9a-f]{64}\b/g),
  // docs.pypi.org: the macaroon of pypi.org
  format("pypi-token", /\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}/g),
  // openrouter.ai/docs/api-reference/authentication
  format("openrouter-key", /\bsk-or-v1-[0-9a-f]{64}\b/g),
  // replicate.com/docs/topics/security/api-tokens
  format("replicate-token", /\br8_[A-Za-z0-9]{37}\b/g),
  // docs.x.ai
  format("xai-key", /\bxai-[A-Za-z0-9]{80}\b/g),
  // ethereum.org/developers/docs/accounts: what a private key looks like can't be told from a hash, an address can
  format("ethereum-address", /\b0x[0-9a-fA-F]{40}\b/g)
]
