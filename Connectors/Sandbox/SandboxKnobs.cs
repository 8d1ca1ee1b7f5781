namespace IntegrationHub.Connectors.Sandbox;

/// <summary>What may be turned while a vendor's sandbox runs. Thread-safe: each knob is read anew by every call.</summary>
public sealed class SandboxKnobs
{
    private double _quotaScale = 1;

    /// <summary>Whether call quotas are enforced.</summary>
    public bool Quotas { get; set; }

    /// <summary>Factor on every quota, above 0.</summary>
    public double QuotaScale
    {
        get => _quotaScale;
        set => _quotaScale = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "quota_scale must be above 0.");
    }

    /// <summary>How long accepted work stays invisible where the vendor works asynchronously; zero applies at once.</summary>
    public TimeSpan ApplyDelay { get; set; }

    /// <summary>Start of every random choice.</summary>
    public int Seed { get; init; }

    internal static SandboxKnobs From(SandboxOptions options) => new()
    {
        Quotas = options.Quotas,
        QuotaScale = options.QuotaScale,
        ApplyDelay = options.ApplyDelay,
        Seed = options.Seed,
    };
}
