namespace IntegrationHub.Storage.Fields;

/// <summary>How a vendor's field stands.</summary>
public static class FieldState
{
    /// <summary>The vendor has it.</summary>
    public const string There = "there";

    /// <summary>The vendor has it and drops what is written to it.</summary>
    public const string Archived = "archived";

    /// <summary>The vendor does not have it any more.</summary>
    public const string Gone = "gone";
}
