namespace IntegrationHub.Connectors.Sandbox;

/// <summary>Where and how the vendor sandboxes are served.</summary>
public sealed record SandboxOptions
{
    /// <summary>Address to listen on; loopback unless a container must be reached from outside.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Port to listen on; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Whether the vendors' documented call quotas are enforced at the start.</summary>
    public bool Quotas { get; init; } = true;

    /// <summary>Factor on every quota, above 0: 10 allows ten times the documented calls.</summary>
    public double QuotaScale { get; init; } = 1;

    /// <summary>How long accepted work stays invisible where the vendor works asynchronously. Each request takes between half and one and a half of it.</summary>
    public TimeSpan ApplyDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Start of every random choice (fault probabilities, order of application), so that a run can be repeated.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
