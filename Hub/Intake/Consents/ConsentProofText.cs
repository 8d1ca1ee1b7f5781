namespace IntegrationHub.Hub.Intake.Consents;

/// <summary>How long the texts are that the ledger keeps beside a decision, in characters.</summary>
internal static class ConsentProofText
{
    /// <summary>A ground, a method, a version.</summary>
    public const int MaxWord = 64;

    /// <summary>A reference, the name or address of a notice.</summary>
    public const int MaxName = 255;

    /// <summary>An IETF tag of a language.</summary>
    public const int MaxLanguage = 35;

    /// <summary>A signal as it was received.</summary>
    public const int MaxSignal = 4096;
}
