using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Approvals;

namespace IntegrationHub.Hub.Approvals;

/// <summary>Whose word counts.</summary>
internal static class ApprovalRight
{
    /// <summary>Why somebody's agreement does not count, or null when it does.</summary>
    /// <param name="approval">What waits.</param>
    /// <param name="by">Who agrees.</param>
    public static ApprovalRefusal? Refuse(Approval approval, Principal by) => approval.Request switch
    {
        { FourEyes: true } when !by.IsPerson =>
            new ApprovalRefusal(403, "person-needed", "Authorization", $"{by.Id} is no person, and four eyes have to look at this. Have a person agree, with a key of their own ('keys create person:NAME --role approver'), or set four_eyes: false for {approval.Request.Kind} in approvals.yaml."),
        { FourEyes: true } request when request.RequestedBy == by.Id =>
            new ApprovalRefusal(403, "four-eyes", "Authorization", $"{by.Id} asked for this, and four eyes have to look at it: another person has to agree. To take the request back, refuse it."),
        _ => null,
    };
}
