namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>What the hub and the vendor of a history are like.</summary>
/// <param name="IsLive">Whether the destination is told of changes as they happen.</param>
/// <param name="HasJobs">Whether the vendor takes large amounts as jobs of its own.</param>
/// <param name="ErasuresAreAsked">Whether somebody has to agree to an erasure.</param>
internal sealed record SimulatedWorld(bool IsLive, bool HasJobs, bool ErasuresAreAsked)
{
    /// <summary>How long the hub waits for a job.</summary>
    public static TimeSpan LongestJob { get; } = TimeSpan.FromHours(3);

    public static SimulatedWorld Draw(Random random) => new(random.Next(2) == 0, random.Next(2) == 0, random.Next(2) == 0);

    public override string ToString() => $"{(IsLive ? "told live" : "told by runs")}, {(HasJobs ? "jobs" : "no jobs")}, {(ErasuresAreAsked ? "erasures need a word" : "erasures are done at once")}";
}
