namespace IntegrationHub.Storage.Reads;

/// <summary>What was to be read takes longer than looking may take.</summary>
/// <param name="longest">How long it may take.</param>
/// <param name="isBusy">True when no connection became free: others read too much at once. False when the statement itself took too long.</param>
/// <param name="cause">What the database said, or null.</param>
public sealed class ReadOverBudgetException(TimeSpan longest, bool isBusy, Exception? cause = null)
    : Exception(isBusy ? $"No connection for reading became free within {longest}." : $"A read took longer than {longest} and was given up.", cause)
{
    /// <summary>How long it may take.</summary>
    public TimeSpan Longest { get; } = longest;

    /// <summary>True when it did not begin.</summary>
    public bool IsBusy { get; } = isBusy;
}
