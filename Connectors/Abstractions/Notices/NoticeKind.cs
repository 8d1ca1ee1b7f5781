namespace IntegrationHub.Connectors.Abstractions.Notices;

/// <summary>What a vendor may say of an interface beside its answers.</summary>
public static class NoticeKind
{
    /// <summary>The interface should not be called any more: header <c>Deprecation</c>, RFC 9745.</summary>
    public const string Deprecation = "deprecation";

    /// <summary>The interface ends: header <c>Sunset</c>, RFC 8594.</summary>
    public const string Sunset = "sunset";

    /// <summary>The vendor warns in the body of an answer that is otherwise well.</summary>
    public const string Warning = "warning";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Deprecation, Sunset, Warning];
}
