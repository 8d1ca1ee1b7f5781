namespace IntegrationHub.Hub.Configuration;

/// <summary>What a source of consent may do. A denial counts from everybody.</summary>
/// <param name="Name">The source as facts and lists name it, or <see cref="Others"/>.</param>
/// <param name="MayGrant">True when its grants count.</param>
/// <param name="Producers">The producers that speak for it; everybody when empty.</param>
internal sealed record ConsentSource(string Name, bool MayGrant, IReadOnlyList<string> Producers)
{
    /// <summary>Stands for every source that is not named.</summary>
    public const string Others = "*";

    /// <summary>What the source of everything that a vendor itself says begins with.</summary>
    public const string VendorPrefix = "vendor:";

    /// <summary>The source, and the producer, of what a destination's vendor says of people.</summary>
    public static string OfVendor(string destination) => VendorPrefix + destination;

    /// <summary>True for the source of what some vendor says.</summary>
    public static bool IsOfVendor(string name) => name.StartsWith(VendorPrefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>The source, and the producer, of what the columns of an audience's file say.</summary>
    public static string ListOf(string audience) => $"list:{audience}";
}
