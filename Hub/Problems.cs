namespace IntegrationHub.Hub;

/// <summary>RFC 9457 problem details with a stable type.</summary>
internal static class Problems
{
    /// <param name="status">HTTP status.</param>
    /// <param name="type">Kebab-case name of the problem; stable.</param>
    /// <param name="field">Field of the request that is meant.</param>
    /// <param name="detail">What is wrong and what to do, without personal data.</param>
    /// <param name="extensions">More members, or null.</param>
    public static IResult Of(int status, string type, string field, string detail, IDictionary<string, object?>? extensions = null)
    {
        var members = new Dictionary<string, object?>(extensions ?? new Dictionary<string, object?>()) { ["field"] = field };
        return Results.Problem(detail, statusCode: status, type: $"urn:integrationhub:problem:{type}", extensions: members);
    }
}
