namespace IntegrationHub.Hub.Consent;

/// <summary>Where one fact may go, as its producer says it. Pure.</summary>
internal static class DestinationWord
{
    /// <summary>Stands for every destination that is not named.</summary>
    public const string Others = "*";

    /// <summary>The reason code of a fact that is not for every destination and would change what every destination is told.</summary>
    public const string Excluded = "destination_excluded";

    /// <summary>True when a fact may be told to a destination; where it is said both ways, it may not.</summary>
    /// <param name="said">What the fact says, by destination or <see cref="Others"/>.</param>
    /// <param name="destination">Name of the destination.</param>
    public static bool MayGo(IReadOnlyDictionary<string, bool> said, string destination)
    {
        var mayGo = !said.TryGetValue(Others, out var others) || others;
        var isNamed = false;
        foreach (var (name, may) in said)
        {
            if (name.Equals(destination, StringComparison.OrdinalIgnoreCase))
            {
                mayGo = isNamed ? mayGo && may : may;
                isNamed = true;
            }
        }

        return mayGo;
    }
}
