namespace Sagas.Tests;

/// <summary>What all stories have in common.</summary>
internal static class Story
{
    /// <summary>When every story begins.</summary>
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
}
