namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads the section <c>signature</c> of <c>sources/*.yaml</c>.</summary>
internal sealed class SignatureSectionParser(SecretReferenceParser secretReferences)
{
    private const double DefaultTolerance = 300;
    private const double LongestTolerance = 3600;

    private enum Version
    {
        V3,
        V1,
        V1a,
    }

    /// <summary>How calls are proven, or null when the section is wrong.</summary>
    public SignatureSection? Parse(YamlSection? section)
    {
        if (section is null)
        {
            return null;
        }

        var scheme = section.Choice<SignatureScheme>("scheme", required: true);
        var secrets = ParseSecrets(section, scheme);
        var header = section.Text("header");
        var tolerance = section.Number("tolerance", 1, LongestTolerance) ?? DefaultTolerance;
        var version = section.Choice<Version>("version");
        section.RejectUnknownKeys();
        if (scheme is not { } known)
        {
            return null;
        }

        Check(section, known, version, header);
        if (known is SignatureScheme.Segment or SignatureScheme.SecretHeader or SignatureScheme.Bearer && section.Has("tolerance"))
        {
            section.Fail("tolerance", $"The scheme {section.Text("scheme")} signs no time.", "Remove tolerance.");
        }

        return secrets.Count == 0
            ? null
            : new SignatureSection
            {
                Scheme = known,
                Secrets = secrets,
                Header = header ?? HeaderOf(known),
                Tolerance = TimeSpan.FromSeconds(tolerance),
                AllowsV1 = version == Version.V1,
            };
    }

    private static string HeaderOf(SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.StandardWebhooks => "webhook-signature",
        SignatureScheme.Hubspot => "X-HubSpot-Signature-v3",
        SignatureScheme.Segment => "X-Signature",
        SignatureScheme.Stripe => "Stripe-Signature",
        _ => "Authorization",
    };

    private static void Check(YamlSection section, SignatureScheme scheme, Version? version, string? header)
    {
        if (scheme == SignatureScheme.SecretHeader && header is null)
        {
            section.Fail("scheme", "The header that holds the secret is missing.", "Write header: X-Hub-Token, and let the source send the secret in it.");
        }
        else if (header is not null && scheme is not (SignatureScheme.SecretHeader or SignatureScheme.Stripe))
        {
            section.Fail("header", $"The scheme {section.Text("scheme")} has its header.", "Remove header, or write scheme: secret_header.");
        }

        if (scheme == SignatureScheme.StandardWebhooks && version == Version.V1a)
        {
            section.Fail("version", "The key says which version it is for.", "Name the sender's public key (whpk_…) as secret, and remove version.");
        }
        else if (version is not null && scheme != SignatureScheme.Hubspot)
        {
            section.Fail("version", $"The scheme {section.Text("scheme")} has one version.", "Remove version.");
        }
        else if (version == Version.V1a)
        {
            section.Fail("version", "HubSpot has no signatures of version v1a.", "Write v3, or v1 where HubSpot sends no other.");
        }
    }

    private List<SecretReference> ParseSecrets(YamlSection section, SignatureScheme? scheme)
    {
        if (section.Has("secret") == section.Has("secrets"))
        {
            section.Fail("secret", $"{section.PathOf("secret")} must name where the secret is kept.", $"Write secret: {SecretReferenceParser.Form}, or secrets with a list of them while they change.");
        }

        var references = new List<SecretReference>();
        foreach (var reference in section.Sections("secrets").Concat(section.Section("secret") is { } one ? [one] : []))
        {
            if (secretReferences.Parse(reference) is not { } secret)
            {
                section.Fail(reference.Line, "A secret needs either env or file.", $"Write {SecretReferenceParser.Form}.");
            }
            else if (secret.Read() is not { } value)
            {
                section.Fail(reference.Line, $"The secret is not set: {secret} is missing or empty.", "Set it, or remove the source's file.");
            }
            else if (value.StartsWith(StandardWebhooksSecret.PrivatePrefix, StringComparison.Ordinal))
            {
                section.Fail(reference.Line, $"The {secret} holds a private key, which is the sender's alone.", "Set the public key that the sender shows: whpk_ and the key in base64.");
            }
            else if (scheme == SignatureScheme.StandardWebhooks && StandardWebhooksSecret.KeyOf(value) is null && StandardWebhooksSecret.PublicKeyOf(value) is null)
            {
                section.Fail(reference.Line, $"The {secret} holds no secret of Standard Webhooks.", "Set it as the sender shows it: whsec_ and the key in base64, or whpk_ and the sender's public key of 32 bytes in base64.");
            }
            else if (scheme != SignatureScheme.StandardWebhooks && value.StartsWith(StandardWebhooksSecret.PublicPrefix, StringComparison.Ordinal))
            {
                section.Fail(reference.Line, $"The {secret} holds a public key, which everybody may know.", "Write scheme: standard_webhooks, or set the secret that the sender shows.");
            }
            else
            {
                references.Add(secret);
            }
        }

        return references;
    }
}
