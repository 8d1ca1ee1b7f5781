namespace IntegrationHub.Hub.Intake.Webhooks.Signatures;

/// <summary>Why a call is not proven to be its source's.</summary>
/// <param name="Code">Reason code, stable.</param>
/// <param name="Header">The header that is meant.</param>
/// <param name="Problem">What is wrong and what to do; a whole sentence, without the value.</param>
internal sealed record SignatureDefect(string Code, string Header, string Problem)
{
    /// <summary>The hub has no secret to check with; that is no fault of the call.</summary>
    public const string SecretMissing = "signature_secret_missing";

    /// <summary>True when the sender can do nothing about it and should come again.</summary>
    public bool IsOurs => Code == SecretMissing;

    /// <summary>The header is not there.</summary>
    public static SignatureDefect Missing(string header) => new("signature_missing", header, $"The header {header} is missing, or there more than once. Let the source sign its calls.");

    /// <summary>The header is there, and nothing of it is a signature.</summary>
    public static SignatureDefect Malformed(string header) => new("signature_malformed", header, $"The header {header} holds no signature that can be read.");

    /// <summary>No secret gives this signature.</summary>
    public static SignatureDefect Wrong(string header) => new("signature_wrong", header, $"The header {header} does not prove the call. Compare the secret of the source's file with the sender's, and let nothing on the way change the body.");
}
