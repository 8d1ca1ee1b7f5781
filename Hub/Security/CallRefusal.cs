namespace IntegrationHub.Hub.Security;

/// <summary>Why a call may not pass.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Type">Stable problem type, kebab-case.</param>
/// <param name="Header">The header that is meant.</param>
/// <param name="Detail">What is wrong and what to do.</param>
internal sealed record CallRefusal(int Status, string Type, string Header, string Detail)
{
    /// <summary>As it is answered.</summary>
    public IResult ToProblem() => Problems.Of(Status, Type, Header, Detail);
}
