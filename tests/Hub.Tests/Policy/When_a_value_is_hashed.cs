using IntegrationHub.Hub.Policy;

namespace IntegrationHub.Hub.Tests.Policy;

/// <summary>A hash that a vendor compares with its own is over the same text in the same spelling.</summary>
public sealed class When_a_value_is_hashed
{
    /// <summary>The example of X, developer.x.com, "Custom Audiences User Data": SHA-256 without salt, in lower case.</summary>
    [TestCase("adsapi", "49e0be2aeccfb51a8dee4c945c8a70a9ac500cf6f5cb08112575f74db9b1470d")]
    [TestCase("ümit", "8454839ef744ca8d6328d480541c8e1869ec006662b50b60f185ccf6afb80b85")]
    public void Should_be_as_documented(string value, string hash) => Assert.That(HashedValue.Of(value), Is.EqualTo(hash));
}
