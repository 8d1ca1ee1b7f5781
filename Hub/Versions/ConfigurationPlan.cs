using System.Security.Cryptography;
using System.Text;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Versions;

/// <summary>What putting files in force would change.</summary>
/// <param name="BaseVersion">The version in force that it was made on.</param>
/// <param name="Files">The files.</param>
/// <param name="Configuration">What they say, checked.</param>
/// <param name="Comparison">How they differ from the version in force.</param>
internal sealed record ConfigurationPlan(long BaseVersion, ConfigurationFiles Files, HubConfiguration Configuration, ConfigurationComparison Comparison)
{
    /// <summary>SHA-256 over the version that it was made on and the content, in hex: whoever applies or agrees names it, and it is another one as soon as either is.</summary>
    public string Hash => HashOf(BaseVersion, Files.ContentHash);

    /// <inheritdoc cref="Hash"/>
    public static string HashOf(long baseVersion, string contentHash) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"config plan\n{baseVersion}\n{contentHash}"))));
}
