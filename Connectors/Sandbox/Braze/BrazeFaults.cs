namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>Names of Braze's own faults, for <see cref="Fault.Variant"/>.</summary>
public static class BrazeFaults
{
    /// <summary>201 whose message is not <c>success</c>; nothing is applied.</summary>
    public const string FatalMessage = "fatal_message";

    /// <summary>201 with an error that names no index; everything is applied.</summary>
    public const string ErrorsWithoutIndex = "errors_without_index";

    /// <summary>201 without a message; everything is applied.</summary>
    public const string NoMessage = "no_message";

    /// <summary>Another integration of the workspace has just used up the budget that the call draws on; served when quotas are off.</summary>
    public const string BudgetSpent = "budget_spent";
}
