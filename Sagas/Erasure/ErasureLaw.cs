namespace IntegrationHub.Sagas.Erasure;

/// <summary>The laws that people ask for their erasure under, and how long each gives.</summary>
public static class ErasureLaw
{
    /// <summary>General Data Protection Regulation, article 12(3): one month.</summary>
    public const string Gdpr = "GDPR";

    /// <summary>California Consumer Privacy Act, 1798.130(a)(2): 45 days.</summary>
    public const string Ccpa = "CCPA";

    private const int CcpaDays = 45;

    /// <summary>The law that a word names, whatever its capitals; null when it is none.</summary>
    public static string? Read(string? word) => new[] { Gdpr, Ccpa }.FirstOrDefault(law => law.Equals(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>When the erasure has to be done that was asked for then.</summary>
    public static DateTimeOffset DeadlineOf(string law, DateTimeOffset requestedAt) => law == Ccpa ? requestedAt.AddDays(CcpaDays) : requestedAt.AddMonths(1);
}
