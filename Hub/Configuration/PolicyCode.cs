namespace IntegrationHub.Hub.Configuration;

/// <summary>Why an attribute leaves for a destination, or does not.</summary>
internal static class PolicyCode
{
    /// <summary>A line of <c>policy.yaml</c> says so.</summary>
    public const string Line = "policy_line";

    /// <summary>The line for all others (<c>*</c>) says so.</summary>
    public const string Others = "policy_others";

    /// <summary>It is the same for everybody and says nothing of a person.</summary>
    public const string Constant = "constant";

    /// <summary>There is no <c>policy.yaml</c>, and the mapping names it.</summary>
    public const string Mapped = "policy_mapping";

    /// <summary>It only comes in from the destination, by <c>direction</c> of <c>ownership.yaml</c>, and is not written there.</summary>
    public const string OnlyComesIn = "only_comes_in";

    /// <summary>It is sensitive, and no line of its own lets it leave.</summary>
    public const string Sensitive = "sensitive_not_named";

    /// <summary>No line lets it leave for the destination and all its purposes.</summary>
    public const string NotNamed = "attribute_not_named";
}
