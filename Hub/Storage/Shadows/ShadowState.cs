namespace IntegrationHub.Storage.Shadows;

/// <summary>How what a shadow states of somebody stands to what counts.</summary>
public static class ShadowState
{
    /// <summary>The shadow says nothing of it.</summary>
    public const string OnlyCounting = "only_counting";

    /// <summary>Nothing counts of it; the shadow states a value.</summary>
    public const string OnlyShadow = "only_shadow";

    /// <summary>Both have a value, not the same.</summary>
    public const string Different = "different";

    /// <summary>Both have the same value.</summary>
    public const string Equal = "equal";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [OnlyCounting, OnlyShadow, Different, Equal];
}
